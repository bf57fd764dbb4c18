import gc

gc.set_threshold(20_000, 20, 50)  # before the product is loaded, which makes much that stays
