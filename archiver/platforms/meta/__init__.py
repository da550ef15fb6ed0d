"""What Facebook, Instagram and Threads share: one way to ask (the Graph API), and one way to answer.

fields      single values out of JSON
errors      the error object, what it means, and words for a person
usage       the headers that say how much of the allowance is used
fieldlists  which fields to ask for, without those that were refused, and lighter
requests    the desk where requests are written and mended
paging      from page to page, without following addresses that hold a token
version     the version that was asked for, and the one that answered
push        deliveries of webhooks
"""
