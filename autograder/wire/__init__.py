"""How values and Keras models cross the sandbox wall; no pickle."""
