"""Recommenders 推荐: what next?"""
