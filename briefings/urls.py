"""The screens of briefings: of those who read, of those who write, and of the machines' owners."""

from . import hook_urls, reading_urls, service_urls, writing_urls

app_name = "briefings"

urlpatterns = [
    *reading_urls.urlpatterns,
    *writing_urls.urlpatterns,
    *service_urls.urlpatterns,
    *hook_urls.urlpatterns,
]
