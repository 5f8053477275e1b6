"""What the class page shows: one module per section, from results to what the template draws.

Under the sections lie `item_analysis` (numbers alone), `similarity` over `code_tokens`, `plots`
(geometry) and `roster` and `grid`, which sections share. `class_page` puts the sections in order.
"""
