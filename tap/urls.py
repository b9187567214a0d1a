from django.urls import URLPattern

app_name = "tap"
urlpatterns: list[URLPattern] = []
