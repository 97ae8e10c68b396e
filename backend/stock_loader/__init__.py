"""The stock loader: a Django app that loads CommerceML stock files of 1C into any shop."""
