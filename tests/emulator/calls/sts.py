"""Who is calling."""


def build(aws, _):
    found = aws("sts").get_caller_identity()
    assert found["Account"] == "123456789012", found
    again = aws("sts").get_caller_identity()
    assert found["ResponseMetadata"]["RequestId"] != again["ResponseMetadata"]["RequestId"]


def clear(_, __):
    pass
