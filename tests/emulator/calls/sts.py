"""Who is calling."""


def build(aws, scene):
    found = aws("sts").get_caller_identity()
    assert found["Account"] == "123456789012", found
    scene.caller = found["Arn"]
    again = aws("sts").get_caller_identity()
    assert found["ResponseMetadata"]["RequestId"] != again["ResponseMetadata"]["RequestId"]


def clear(_, __):
    pass
