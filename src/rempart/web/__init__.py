"""Door: portal, console, insurer and public pages. Empty until people sign in."""
