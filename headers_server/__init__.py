"""An HTTP server whose business is response headers: profiles, origins, and the files that browsers load."""
