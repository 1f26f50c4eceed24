using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Options;
using Sessions.Queries.Webhooks;
using Sessions.Web.Webhooks;

namespace Sessions.Tests.Web.Webhooks;

/// <summary>Creating and changing webhooks over HTTP.</summary>
public sealed class WebhookApiTests(WebhookGateway gateway) : IClassFixture<WebhookGateway>
{
    private const string Path = "/api/project/webhooks";

    [Fact]
    public async Task A_webhook_can_be_created_listed_changed_and_deleted_and_its_secret_is_shown_once()
    {
        WebhookGateway.Client project = await gateway.NewProject();
        JsonNode made = await project.Post(Path, new JsonObject { ["url"] = "https://hooks.example/a" });
        string secret = (string)made["secret"]!;
        Assert.Matches("^whsec_[A-Za-z0-9+/]{43}=$", secret);
        Assert.Equal(4, made["events"]!.AsArray().Count);

        string listed = await project.Http.GetStringAsync(Path);
        Assert.DoesNotContain(secret, listed, StringComparison.Ordinal);
        Assert.Equal("https://hooks.example/a", (string)JsonNode.Parse(listed)!["results"]![0]!["url"]!);

        using HttpResponseMessage changed = await project.Http.PutAsync(
            $"{Path}/{made["id"]}", JsonContent.Create(new { active = false, events = new[] { "session.ended" } }));
        JsonNode now = JsonNode.Parse(await changed.Content.ReadAsStringAsync())!;
        Assert.Equal(
            ("https://hooks.example/a", false, "session.ended"), ((string)now["url"]!, (bool)now["active"]!, (string)now["events"]!.AsArray().Single()!));

        Assert.Equal(HttpStatusCode.NoContent, (await project.Http.DeleteAsync($"{Path}/{made["id"]}")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await project.Http.DeleteAsync($"{Path}/{made["id"]}")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await project.Http.GetAsync($"{Path}/{made["id"]}/deliveries")).StatusCode);
    }

    [Theory]
    [InlineData("""{"url":"ftp://x.example/"}""", "url")]
    [InlineData("""{"url":"nonsense"}""", "url")]
    [InlineData("""{"url":7}""", "url")]
    [InlineData("""{}""", "url")]
    [InlineData("""{"url":"https://user:pass@x.example/"}""", "url")]
    [InlineData("""{"url":"https://x.example/#part"}""", "url")]
    [InlineData("""{"url":"https://x.example/","events":[]}""", "events")]
    [InlineData("""{"url":"https://x.example/","events":["session.began"]}""", "events")]
    [InlineData("""{"url":"https://x.example/","events":"session.ended"}""", "events")]
    [InlineData("""{"url":"https://x.example/","active":"yes"}""", "active")]
    [InlineData("""{"url":"https://x.example/","colour":"red"}""", "colour")]
    [InlineData("[]", "body")]
    [InlineData("{", "body")]
    public async Task A_wrong_field_of_a_webhook_is_named_in_the_error(string body, string field)
    {
        WebhookGateway.Client project = await gateway.NewProject();
        using StringContent content = new(body);
        using HttpResponseMessage answer = await project.Http.PostAsync(Path, content);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType!.MediaType);
        Assert.Equal(field, (string?)(await answer.Content.ReadFromJsonAsync<JsonObject>())!["field"]);
    }

    [Theory]
    [InlineData("/none/deliveries", "id")]
    [InlineData("/ID/deliveries?state=lost", "state")]
    [InlineData("/ID/deliveries?limit=0", "limit")]
    [InlineData("/ID/deliveries?cursor=x", "cursor")]
    public async Task A_wrong_parameter_of_a_request_for_deliveries_is_named_in_the_error(string path, string field)
    {
        WebhookGateway.Client project = await gateway.NewProject();
        (string id, _) = await project.Webhook("https://hooks.example/");
        using HttpResponseMessage answer = await project.Http.GetAsync(Path + path.Replace("ID", id, StringComparison.Ordinal));

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal(field, (string?)(await answer.Content.ReadFromJsonAsync<JsonObject>())!["field"]);
    }

    [Fact]
    public async Task A_webhook_over_the_projects_limit_is_refused()
    {
        WebhookGateway.Client project = await gateway.NewProject();
        for (int i = 0; i < 3; i++)
        {
            await project.Webhook("https://hooks.example/");
        }

        using HttpResponseMessage answer = await project.Http.PostAsync(Path, JsonContent.Create(new { url = "https://hooks.example/" }));

        Assert.Equal(HttpStatusCode.Conflict, answer.StatusCode);
    }

    [Fact]
    public async Task Webhooks_are_visible_only_to_admins_of_their_project()
    {
        WebhookGateway.Client ours = await gateway.NewProject(), theirs = await gateway.NewProject();
        (string id, _) = await theirs.Webhook("https://hooks.example/");
        string key = (string)(await ours.Post("/api/project/keys", new JsonObject { ["name"] = "reader", ["role"] = "read" }))["key"]!;

        Assert.Equal(HttpStatusCode.NotFound, (await ours.Http.GetAsync($"{Path}/{id}")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await ours.Http.GetAsync($"{Path}/{id}/deliveries")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await ours.Http.PutAsync($"{Path}/{id}", JsonContent.Create(new { active = false }))).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await ours.Http.PostAsync($"{Path}/{id}/secret", null)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await ours.Http.PostAsync($"{Path}/{id}/test", null)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await ours.Http.PostAsync($"{Path}/{id}/deliveries/redeliver", null)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await ours.Http.DeleteAsync($"{Path}/{id}")).StatusCode);
        ours.Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        Assert.Equal(HttpStatusCode.Forbidden, (await ours.Http.GetAsync(Path)).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await ours.Http.PostAsync(Path, JsonContent.Create(new { url = "https://x.example/" }))).StatusCode);
    }

    [Theory]
    [InlineData("https://hooks.example/a?b=c", true)]
    [InlineData("https://1.1.1.1/", true)]
    [InlineData("http://hooks.example/", false)]
    [InlineData("https://localhost/", false)]
    [InlineData("https://database/", false)]
    [InlineData("https://127.0.0.1/", false)]
    [InlineData("https://2130706433/", false)]
    [InlineData("https://[::1]/", false)]
    [InlineData("https://[::ffff:10.0.0.1]/", false)]
    [InlineData("https://169.254.169.254/latest/meta-data", false)]
    public void A_private_address_is_refused_where_private_targets_are_not_allowed(string url, bool isAllowed)
    {
        Assert.Equal(isAllowed, WebhookTarget.Fault(url, allowPrivate: false) is null);
        Assert.Null(WebhookTarget.Fault(url, allowPrivate: true));
    }

    [Fact]
    public async Task A_host_name_that_resolves_to_a_private_address_is_not_connected_to()
    {
        await using Receiver receiver = await Receiver.Start();
        using WebhookSender careful = new(Options.Create(new WebhookOptions()), TimeProvider.System);
        string byName = $"http://localhost:{new Uri(receiver.Address).Port}/";
        ClaimedDelivery delivery = new(Guid.CreateVersion7(), 1, "{}", byName, ["whsec_AAAA"]);

        AttemptOutcome refused = await careful.Send(delivery);
        using WebhookSender trusting = new(Options.Create(new WebhookOptions { AllowPrivateTargets = true }), TimeProvider.System);

        Assert.Equal((null, "its address is not one of the public internet"), (refused.Status, refused.Error));
        Assert.Empty(receiver.All);
        Assert.Equal(204, (await trusting.Send(delivery)).Status);
    }
}
