"""What the product is measured against, and how. None of it is part of the product or its tests."""
