"""This week: whom those who run the chapter are to help, and what each of them has done."""
