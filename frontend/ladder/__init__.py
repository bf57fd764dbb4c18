"""The loyalty ladder as a page: customers down, stages across, one tick each."""
