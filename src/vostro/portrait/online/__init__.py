"""Online portraits 在线画像: what is known of one customer now, and what was known at any past moment?"""
