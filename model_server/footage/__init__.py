"""Works on real footage with OpenCV and PyAV, so that training and evaluation need neither."""
