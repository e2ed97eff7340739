"""Drawing what can be looked at: each page of a text or PDF as text, and of a PDF as an image besides."""
