from django.urls import path

from notices import views

app_name = "notices"

urlpatterns = [path("center/notices/", views.recipients, name="recipients")]
