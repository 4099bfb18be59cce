"""The HTTP routes: parse a request, hand it to the device thread, answer."""
