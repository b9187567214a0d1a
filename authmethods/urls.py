from django.urls import URLPattern

app_name = "authmethods"
urlpatterns: list[URLPattern] = []
