from django.urls import path

from support.registers import site

urlpatterns = [path("admin/", site.urls)]
