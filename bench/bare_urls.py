"""Every address answers from memory; the portal's own are there to be named by its templates."""

from django.urls import include, re_path

from bench.bare import answer

urlpatterns = [re_path(r"^(?P<path>.*)$", answer), re_path("", include("portal.embedded_urls"))]
