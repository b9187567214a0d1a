from django.urls import path

from bulk.views import batches, handover

app_name = "bulk"
ONE = "center/bulk/<uuid:batch_id>/"

urlpatterns = [
    path("center/bulk/", batches.new, name="new"),
    path(ONE, batches.batch, name="batch"),
    path(f"{ONE}start/", batches.start, name="start"),
    path(f"{ONE}discard/", batches.discard, name="discard"),
    path(f"{ONE}progress/", batches.progress, name="progress"),
    path(f"{ONE}undo/", batches.undo, name="undo"),
    path(f"{ONE}hand-over/", handover.hand_over, name="hand_over"),
]
