"""One verb a file, over ports; the only room that marries domain, tlog and sealing."""
