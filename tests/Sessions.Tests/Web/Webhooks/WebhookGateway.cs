using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Sessions.Silo.Outbox;

namespace Sessions.Tests.Web.Webhooks;

/// <summary>A gateway with a database of its own, since any gateway sends what it finds in one. It is impatient.</summary>
public sealed class WebhookGateway(TestPostgres postgres) : IAsyncLifetime
{
    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(1);

    private WebApplication? _app;

    public NpgsqlDataSource Database { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        string connection = await postgres.CreateDatabase();
        Database = NpgsqlDataSource.Create(connection);
        _app = await TestGateway.Start(connection, connection, new Dictionary<string, string?>
        {
            ["Sessions:Webhooks:AllowPrivateTargets"] = "true",
            ["Sessions:Webhooks:Poll"] = "00:00:00.05",
            ["Sessions:Webhooks:FirstPause"] = "00:00:00.1",
            ["Sessions:Webhooks:LongestPause"] = "00:00:00.3",
            ["Sessions:Webhooks:LongestRest"] = "00:00:00.1",
            ["Sessions:Webhooks:MaxAttempts"] = "4",
            ["Sessions:Webhooks:Timeout"] = "00:00:01",
            ["Sessions:Webhooks:MaxWebhooks"] = "3",
            ["Sessions:Access:ProjectsRetry"] = "00:00:00.1",
        });
    }

    public async ValueTask DisposeAsync()
    {
        if (_app is not null)
        {
            await _app.DisposeAsync();
        }

        await Database.DisposeAsync();
    }

    /// <summary>A project that no other test uses, and the program of its admin.</summary>
    public async Task<Client> NewProject()
    {
        string id = postgres.NewProject();
        await using NpgsqlCommand insert = Database.CreateCommand(
            "insert into tracking.projects (project, token, api_key_sha256) values ($1, $2, $3)");
        insert.Parameters.AddWithValue(id);
        insert.Parameters.AddWithValue($"token-{id}");
        insert.Parameters.AddWithValue(SHA256.HashData(Encoding.UTF8.GetBytes($"key-{id}")));
        await insert.ExecuteNonQueryAsync();
        Client client = new(this, id, new HttpClient { BaseAddress = new Uri(_app!.Urls.First()) });
        client.Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", $"key-{id}");
        await Until(async () => (await client.Http.GetAsync("/api/project")).StatusCode == HttpStatusCode.OK);
        return client;
    }

    /// <summary>A browser: it keeps cookies and shows where it is sent.</summary>
    public HttpClient Browser() =>
        new(new HttpClientHandler { AllowAutoRedirect = false, CookieContainer = new CookieContainer() }) { BaseAddress = new Uri(_app!.Urls.First()) };

    public static async Task Until(Func<Task<bool>> holds)
    {
        long begun = TimeProvider.System.GetTimestamp();
        while (!await holds())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(begun) < Bound, "It did not come to hold within a minute.");
        }
    }

    /// <summary>What the admin of a project does.</summary>
    public sealed class Client(WebhookGateway gateway, string project, HttpClient http)
    {
        public string Key => $"key-{project}";

        public HttpClient Http { get; } = http;

        /// <summary>Makes a webhook, and has the silo know of it.</summary>
        public async Task<(string Id, string Secret)> Webhook(string url, params string[] events)
        {
            JsonObject asked = new() { ["url"] = url };
            if (events.Length > 0)
            {
                asked["events"] = new JsonArray([.. events.Select(one => JsonValue.Create(one))]);
            }

            JsonNode made = await Post("/api/project/webhooks", asked);
            await gateway._app!.Services.GetRequiredService<WebhookedProjects>().Read(default);
            return ((string)made["id"]!, (string)made["secret"]!);
        }

        public async Task<JsonNode> Post(string path, JsonNode? body = null)
        {
            using HttpResponseMessage answer = await Http.PostAsync(path, body is null ? null : JsonContent.Create(body));
            Assert.True(answer.StatusCode == HttpStatusCode.OK, $"{path}: {(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
            return (await answer.Content.ReadFromJsonAsync<JsonNode>())!;
        }

        public async Task<JsonNode> Get(string path) => JsonNode.Parse(await Http.GetStringAsync(path))!;

        /// <summary>The deliveries of a webhook, the newest first.</summary>
        public async Task<JsonNode[]> Deliveries(string webhook, string? state = null) =>
            [.. (await Get($"/api/project/webhooks/{webhook}/deliveries?state={state}"))["results"]!.AsArray().Select(one => one!)];

        /// <summary>Lets a webhook's endpoint rest for an hour after failures, with deliveries that are due before all others.</summary>
        public async Task Rest(string webhook, int waiting)
        {
            await using NpgsqlCommand command = gateway.Database.CreateCommand(
                """
                with resting as (
                    update tracking.webhooks set failures = 11, rest_until = now() + interval '1 hour' where id = $1
                )
                insert into tracking.webhook_deliveries (webhook_id, id, type, session_id, version, payload, due_at)
                select $1, gen_random_uuid(), 'session.started', gen_random_uuid(), 1, '{"type":"session.started"}', now() - interval '1 minute'
                from   generate_series(1, $2)
                """);
            command.Parameters.AddWithValue(Guid.Parse(webhook));
            command.Parameters.AddWithValue(waiting);
            await command.ExecuteNonQueryAsync();
        }

        /// <summary>An event of a device in a session.</summary>
        public async Task Capture(string device, Guid session)
        {
            using HttpResponseMessage answer = await Http.PostAsJsonAsync("/i/v0/e/", new Dictionary<string, object>
            {
                ["api_key"] = $"token-{project}",
                ["event"] = "$pageview",
                ["distinct_id"] = device,
                ["uuid"] = Guid.CreateVersion7(),
                ["properties"] = new Dictionary<string, object> { ["$session_id"] = session, ["$current_url"] = "https://shop.example/ü?a=\"b\"" },
            });
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }

        /// <summary>A session that begins and ends.</summary>
        public async Task<Guid> Visit(string device)
        {
            Guid session = Guid.CreateVersion7();
            await Capture(device, session);
            await Post($"/api/devices/{device}/reset");
            return session;
        }
    }
}
