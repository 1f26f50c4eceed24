using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Sessions.Capture.Sdk;

namespace Sessions.Tests.Capture;

public sealed class SdkHttpTests
{
    [Fact]
    public async Task The_remote_config_turns_on_the_features_that_the_gateway_supports()
    {
        await using CaptureServer server = await CaptureServer.Start();
        using JsonDocument config = JsonDocument.Parse(await server.Client.GetStringAsync("/array/phc_good/config"));
        JsonElement root = config.RootElement;

        Assert.Equal("phc_good", root.GetProperty("token").GetString());
        Assert.Contains("gzip-js", root.GetProperty("supportedCompression").EnumerateArray().Select(one => one.GetString()));
        Assert.False(root.GetProperty("hasFeatureFlags").GetBoolean());
        Assert.False(root.GetProperty("autocapture_opt_out").GetBoolean());
        Assert.Equal("/s/", root.GetProperty("sessionRecording").GetProperty("endpoint").GetString());
        Assert.Equal("/e/", root.GetProperty("analytics").GetProperty("endpoint").GetString());
    }

    [Fact]
    public async Task The_remote_config_is_available_as_a_script()
    {
        await using CaptureServer server = await CaptureServer.Start();
        using HttpResponseMessage answer = await server.Client.GetAsync("/array/phc_good/config.js");

        Assert.Equal("text/javascript", answer.Content.Headers.ContentType?.MediaType);
        Assert.Contains(
            "window._POSTHOG_REMOTE_CONFIG[\"phc_good\"] = { config: {", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/flags/?v=2", """{"token":"phc_good","distinct_id":"anna"}""")]
    [InlineData("/flags", """{"api_key":"phc_good","distinct_id":"anna","$device_id":null}""")]
    [InlineData("/decide/?v=3", """{"token":"phc_good","distinct_id":"anna","groups":{}}""")]
    public async Task A_request_for_feature_flags_gets_an_empty_list(string path, string body)
    {
        await using CaptureServer server = await CaptureServer.Start();
        (byte[] Body, string ContentType)[] requests =
        [
            (Bodies.Utf8(body), "application/json"),
            (Bodies.Gzip(body), "text/plain"),
            (Bodies.Form(Bodies.Utf8(body)), "application/x-www-form-urlencoded"),
        ];
        foreach ((byte[] encoded, string contentType) in requests)
        {
            using HttpResponseMessage answer = await server.Post(path, encoded, contentType);
            using JsonDocument flags = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());

            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            Assert.Equal("{}", flags.RootElement.GetProperty("flags").GetRawText());
            Assert.Equal("{}", flags.RootElement.GetProperty("featureFlags").GetRawText());
            Assert.False(flags.RootElement.GetProperty("errorsWhileComputingFlags").GetBoolean());
        }
    }

    [Fact]
    public async Task An_unknown_token_gets_401_on_every_path()
    {
        await using CaptureServer server = await CaptureServer.Start();
        foreach (string path in (string[])["/array/phc_bad/config", "/array/phc_bad/config.js", "/array/phc_bad/array.js"])
        {
            using HttpResponseMessage answer = await server.Client.GetAsync(path);
            Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        }

        using HttpResponseMessage flags = await server.Post("/flags/", """{"token":"phc_bad"}""");
        Assert.Equal(HttpStatusCode.Unauthorized, flags.StatusCode);
        using HttpResponseMessage none = await server.Post("/flags/", "{}");
        Assert.Equal(HttpStatusCode.Unauthorized, none.StatusCode);
        using HttpResponseMessage broken = await server.Post("/flags/", "{");
        Assert.Equal(HttpStatusCode.BadRequest, broken.StatusCode);
    }

    [Trait("Needs", "Npm")]
    [Theory]
    [InlineData("/static/array.js")]
    [InlineData("/static/1.449.2/array.js")]
    [InlineData("/array/phc_good/array.js")]
    [InlineData("/static/lazy-recorder.js?v=1.449.2")]
    [InlineData("/static/surveys.js")]
    [InlineData("/static/exception-autocapture.js")]
    public async Task The_SDK_and_its_lazy_scripts_are_served_from_the_package(string path)
    {
        await using CaptureServer server = await CaptureServer.Start();
        using HttpResponseMessage plain = await server.Client.GetAsync(path);
        byte[] script = await plain.Content.ReadAsByteArrayAsync();
        Assert.Equal(HttpStatusCode.OK, plain.StatusCode);
        Assert.Equal("text/javascript", plain.Content.Headers.ContentType?.MediaType);
        Assert.Equal(TimeSpan.FromMinutes(5), plain.Headers.CacheControl?.MaxAge);
        Assert.True(script.Length > 1000);

        server.Client.DefaultRequestHeaders.AcceptEncoding.Add(new StringWithQualityHeaderValue("gzip"));
        using HttpResponseMessage zipped = await server.Client.GetAsync(path);
        var unzipped = new MemoryStream();
        await new GZipStream(await zipped.Content.ReadAsStreamAsync(), CompressionMode.Decompress).CopyToAsync(unzipped);
        Assert.Equal(script, unzipped.ToArray());

        server.Client.DefaultRequestHeaders.IfNoneMatch.Add(plain.Headers.ETag!);
        using HttpResponseMessage known = await server.Client.GetAsync(path);
        Assert.Equal(HttpStatusCode.NotModified, known.StatusCode);
    }

    [Theory]
    [InlineData("/static/nothing.js")]
    [InlineData("/static/LICENSE")]
    [InlineData("/static/..%2fSessions.Web.dll")]
    [InlineData("/static/%2e%2e/Sessions.Web.dll")]
    [InlineData("/static/..%5cSessions.Web.dll")]
    [InlineData("/static/x/%2Fetc%2Fpasswd")]
    public async Task A_path_that_leads_out_of_the_SDKs_folder_is_not_found(string path)
    {
        await using CaptureServer server = await CaptureServer.Start();
        using HttpResponseMessage answer = await server.Client.GetAsync(path);

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    [Fact]
    public async Task A_gateway_without_the_package_starts_and_has_no_scripts()
    {
        var scripts = new SdkScripts(Path.Combine(Path.GetTempPath(), "no such folder"), NullLogger<SdkScripts>.Instance);
        var context = new Microsoft.AspNetCore.Http.DefaultHttpContext();
        await scripts.Send(context, "array.js");

        Assert.Equal(404, context.Response.StatusCode);
    }

    [Theory]
    [InlineData("MaxBodyBytes=0")]
    [InlineData("MaxDepth=3")]
    [InlineData("RetryAfter=00:00:00")]
    [InlineData("MaxBytesInHand=100000")] // no room for one body
    [InlineData("MaxEventBytes=100000000")] // more than a body
    public async Task An_invalid_limit_is_an_error_at_the_start(string setting)
    {
        var error = await Assert.ThrowsAsync<OptionsValidationException>(() => CaptureServer.Start(setting));

        Assert.Contains(setting.Split('=')[0], error.Message, StringComparison.Ordinal);
    }
}
