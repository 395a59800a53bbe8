"""What BentoML would do around each request and must not."""


def test_no_request_is_traced():
    from serving.service import RiskService

    stack = {each.cls.__name__: each.kwargs for each in RiskService.to_asgi().user_middleware}

    # The middleware is always there: only an address that is excluded passes it without a span.
    assert stack["OpenTelemetryMiddleware"]["excluded_urls"].url_disabled("http://127.0.0.1:3000/v1/risk")
    assert "AccessLogMiddleware" not in stack
    assert "RunnerTrafficMetricsMiddleware" not in stack
