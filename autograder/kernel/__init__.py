"""What runs beyond the wall beside the student's code. Nothing imports it."""
