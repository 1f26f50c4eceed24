using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Npgsql;
using Sessions.Capture;
using Sessions.Capture.Cookieless;

namespace Sessions.Tests.Capture.Cookieless;

public sealed class CookielessSaltsTests(TestPostgres postgres)
{
    private static readonly DateOnly Today = DateOnly.FromDateTime(Bodies.Now.DateTime);

    private readonly FakeTimeProvider _clock = new(Bodies.Now);

    [Fact]
    public async Task All_gateways_get_the_same_salt_for_a_day_even_when_they_ask_at_once()
    {
        await using NpgsqlDataSource database = NpgsqlDataSource.Create(await postgres.CreateDatabase());
        byte[][] salts = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Gateway(database).Of(Today, default)));

        Assert.All(salts, salt => Assert.Equal(salts[0], salt));
        Assert.Equal(32, salts[0].Length);
    }

    [Fact]
    public async Task Each_day_has_a_different_salt()
    {
        await using NpgsqlDataSource database = NpgsqlDataSource.Create(await postgres.CreateDatabase());
        CookielessSalts gateway = Gateway(database);

        Assert.NotEqual(await gateway.Of(Today, default), await gateway.Of(Today.AddDays(1), default));
    }

    [Fact]
    public async Task A_known_salt_is_returned_without_Postgres()
    {
        NpgsqlDataSource database = NpgsqlDataSource.Create(await postgres.CreateDatabase());
        CookielessSalts gateway = Gateway(database);
        byte[] salt = await gateway.Of(Today, default);
        await database.DisposeAsync();

        Assert.Equal(salt, await gateway.Of(Today, default));
    }

    [Fact]
    public async Task A_salt_is_deleted_72_hours_after_its_day_and_not_before()
    {
        await using NpgsqlDataSource database = NpgsqlDataSource.Create(await postgres.CreateDatabase());
        CookielessSalts gateway = Gateway(database);
        byte[] salt = await gateway.Of(Today, default);

        _clock.SetUtcNow(new DateTimeOffset(Today.AddDays(4), TimeOnly.MinValue, TimeSpan.Zero).AddTicks(-1));
        await gateway.DeleteOld(default);
        Assert.Equal(salt, await gateway.Of(Today, default));

        _clock.Advance(TimeSpan.FromTicks(1));
        await gateway.DeleteOld(default);
        Assert.Equal(0L, await Count(database));
        Assert.NotEqual(salt, await gateway.Of(Today, default));
    }

    [Fact]
    public async Task A_gateway_deletes_old_salts_by_itself()
    {
        await using NpgsqlDataSource database = NpgsqlDataSource.Create(await postgres.CreateDatabase());
        CookielessSalts gateway = Gateway(database);
        await gateway.Of(Today.AddDays(-4), default);
        using var sweep = new CookielessSaltSweep(gateway, _clock, NullLogger<CookielessSaltSweep>.Instance);
        await sweep.StartAsync(default);
        await Until(async () => await Count(database) == 0);

        await gateway.Of(Today, default);
        await Until(async () =>
        {
            _clock.Advance(CookielessSaltSweep.Period);
            return await Count(database) == 0;
        });
        Assert.True(_clock.GetUtcNow() >= new DateTimeOffset(Today.AddDays(4), TimeOnly.MinValue, TimeSpan.Zero));
        await sweep.StopAsync(default);
    }

    [Fact]
    public async Task A_new_salt_is_unavailable_while_Postgres_is_down_and_available_afterwards()
    {
        await using NpgsqlDataSource database = NpgsqlDataSource.Create(await postgres.CreateDatabase());
        await Run(database, "alter table tracking.cookieless_salts rename to away");
        CookielessSalts gateway = Gateway(database);
        await Assert.ThrowsAsync<SessionsUnavailableException>(() => gateway.Of(Today, default));

        await Run(database, "alter table tracking.away rename to cookieless_salts");
        Assert.NotEmpty(await gateway.Of(Today, default));
    }

    [Fact]
    public async Task Two_gateways_give_a_visitor_the_same_id_until_the_browser_changes()
    {
        await using NpgsqlDataSource database = NpgsqlDataSource.Create(await postgres.CreateDatabase());
        await using CaptureServer one = await CaptureServer.Start(database);
        await using CaptureServer two = await CaptureServer.Start(database, "TrustForwardedFor=true");
        two.Client.DefaultRequestHeaders.Add("X-Forwarded-For", "127.0.0.1");
        var visit = new Visit { RawUserAgent = null, Timestamp = null };
        one.Client.DefaultRequestHeaders.Add("User-Agent", "Firefox");
        two.Client.DefaultRequestHeaders.Add("User-Agent", "Firefox");

        using HttpResponseMessage first = await one.Post("/e/", visit.Json);
        using HttpResponseMessage second = await two.Post("/e/", visit.Json);
        using HttpResponseMessage third = await two.Post("/e/", (visit with { RawUserAgent = "Chrome" }).Json);

        Assert.All([first, second, third], answer => Assert.Equal(HttpStatusCode.OK, answer.StatusCode));
        string device = Assert.Single(one.Devices.Calls).Device;
        Assert.StartsWith("shop~cookieless_", device, StringComparison.Ordinal);
        Assert.Equal(device, two.Devices.Calls.First().Device);
        Assert.NotEqual(device, two.Devices.Calls.Last().Device);
    }

    [Fact]
    public async Task Dropped_cookieless_events_are_in_the_http_answer_with_their_reasons()
    {
        await using NpgsqlDataSource database = NpgsqlDataSource.Create(await postgres.CreateDatabase());
        await using CaptureServer server = await CaptureServer.Start(database);
        string old = new Visit { Timestamp = "2020-01-01T00:00:00Z", SessionId = "no uuid" }.Json;
        string identify = new Visit { Name = "$identify" }.Json;
        using HttpResponseMessage some = await server.Post("/e/", $"[{old},{identify},{new Visit().Json}]");
        using HttpResponseMessage none = await server.Post("/e/", old);

        Assert.Equal(
            """{"status":"Ok","dropped":[{"index":0,"reason":"cookieless_too_old"},{"index":1,"reason":"cookieless_identify"}]}""",
            await some.Content.ReadAsStringAsync());
        Assert.Equal(HttpStatusCode.BadRequest, none.StatusCode);
        Assert.Single(server.Devices.Calls);
    }

    [Fact]
    public async Task Without_Postgres_a_cookieless_event_gets_503_and_other_events_are_captured()
    {
        await using CaptureServer server = await CaptureServer.Start();
        using HttpResponseMessage cookieless = await server.Post("/e/", new Visit().Json);
        using HttpResponseMessage other = await server.Post("/e/", new Visit { Mode = null, DistinctId = "anna" }.Json);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, cookieless.StatusCode);
        Assert.Equal("5", Assert.Single(cookieless.Headers.GetValues("Retry-After")));
        Assert.Equal(HttpStatusCode.OK, other.StatusCode);
    }

    private CookielessSalts Gateway(NpgsqlDataSource database) =>
        new(new CookielessSaltQueries(database), new CaptureOptions(), _clock, NullLogger<CookielessSalts>.Instance);

    private static async Task<long> Count(NpgsqlDataSource database) =>
        (long)(await Run(database, "select count(*) from tracking.cookieless_salts"))!;

    private static async Task<object?> Run(NpgsqlDataSource database, string sql)
    {
        await using NpgsqlCommand command = database.CreateCommand(sql);
        return await command.ExecuteScalarAsync();
    }

    private static async Task Until(Func<Task<bool>> holds)
    {
        using CancellationTokenSource late = new(TimeSpan.FromSeconds(20));
        while (!await holds())
        {
            late.Token.ThrowIfCancellationRequested();
        }
    }
}
