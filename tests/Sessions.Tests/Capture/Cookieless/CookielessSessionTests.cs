using System.Globalization;
using System.Net;
using Npgsql;
using Sessions.Tests.Web;

namespace Sessions.Tests.Capture.Cookieless;

/// <summary>Visitors without cookies through the whole product: gateway, grains, Postgres.</summary>
public sealed class CookielessSessionTests(TestGateway gateway) : IClassFixture<TestGateway>
{
    [Fact]
    public async Task The_server_makes_a_visitors_sessions_for_a_day_and_stores_no_address()
    {
        TestGateway.Project project = gateway.NextProject();
        using HttpClient client = gateway.Program(project.ApiKey);
        DateTimeOffset noon = new(TimeProvider.System.GetUtcNow().UtcDateTime.Date.AddHours(-12), TimeSpan.Zero);
        foreach ((DateTimeOffset at, string browser) in new[]
        {
            (noon, "Firefox"),
            (noon.AddMinutes(30), "Firefox"), // at the idle timeout: the same session
            (noon.AddMinutes(61), "Firefox"), // over it: the next one
            (noon, "Chrome"),
            (noon.AddDays(-1), "Firefox"),
        })
        {
            var visit = new Visit
            {
                Token = project.Token,
                Timestamp = at.ToString("O", CultureInfo.InvariantCulture),
                RawUserAgent = browser,
            };
            using HttpResponseMessage answer = await client.PostAsync("/e/", new StringContent(visit.Json));
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }

        Assert.Equal(["1", "1", "2 1"], await EventsOfSessionsOfVisitors(project));
        Assert.Equal(0L, await RowsWith(project, "127.0.0.1"));
    }

    /// <summary>A text for each visitor: how many events each of its sessions has, in the order of time.</summary>
    private async Task<string[]> EventsOfSessionsOfVisitors(TestGateway.Project project)
    {
        await using NpgsqlCommand query = gateway.Database.CreateCommand(
            """
            with by_session as (
                select distinct_id, min(time) as start, count(*) as events
                from   tracking.journal
                where  project = $1 and distinct_id like 'cookieless\_%'
                group  by distinct_id, session_id
            ),
            by_visitor as (
                select string_agg(events::text, ' ' order by start) as events from by_session group by distinct_id
            )
            select array_agg(events order by events) from by_visitor
            """);
        query.Parameters.AddWithValue(project.Id);
        return (string[])(await query.ExecuteScalarAsync())!;
    }

    private async Task<object?> RowsWith(TestGateway.Project project, string text)
    {
        await using NpgsqlCommand count = gateway.Database.CreateCommand(
            """
            select (select count(*) from tracking.journal j where project = $1 and j::text like $2)
                 + (select count(*) from tracking.sessions s where project = $1 and s::text like $2)
            """);
        count.Parameters.AddWithValue(project.Id);
        count.Parameters.AddWithValue($"%{text}%");
        return await count.ExecuteScalarAsync();
    }
}
