using System.Net;
using Npgsql;
using static Sessions.Tests.Web.SampleSessions;

namespace Sessions.Tests.Web.Api.Querying;

/// <summary>A journal entry that can't be read ends no list, no export and no query.</summary>
public sealed class DamagedEntryTests(TestGateway gateway) : IClassFixture<TestGateway>
{
    [Theory]
    [InlineData("kind = 99")]
    [InlineData("time = 'infinity'")]
    [InlineData("time = '-infinity'")]
    [InlineData("time = '20000-01-01', received_at = '20000-01-01'")]
    [InlineData("time = '294000-01-01', received_at = '294000-01-01'")]
    [InlineData("properties = '\"text\"'")]
    [InlineData("properties = '[1, 2]'")]
    [InlineData("properties = 'null'")]
    [InlineData("event = '', distinct_id = ''")]
    public async Task Lists_exports_and_queries_go_on(string damage)
    {
        StoredSession damaged = new StoredSession { Start = Noon }.With("buy", 0, null, ("price", 7)).With("buy", 1, null, ("price", 1));
        StoredSession other = new StoredSession { Start = Noon.AddMinutes(1) }.With("buy", 0, null, ("price", 9));
        using Asking asking = await Asking.About(gateway, damaged, other);
        await using (NpgsqlCommand command = gateway.Database.CreateCommand($"update tracking.journal set {damage} where session_id = $1 and number = 1"))
        {
            command.Parameters.AddWithValue(damaged.Id);
            Assert.Equal(1, await command.ExecuteNonQueryAsync());
        }

        foreach (string path in (string[])
        [
            "/api/sessions", $"/api/sessions/{damaged.Id}/events", $"/api/sessions/{other.Id}/events", "/api/export/sessions?format=csv",
            "/api/export/events?format=csv", "/api/export/events?format=ndjson", "/api/persons/export?distinct_id=ann",
        ])
        {
            using HttpResponseMessage answer = await asking.Program.GetAsync(path);
            string body = await answer.Content.ReadAsStringAsync();
            Assert.True(answer.StatusCode == HttpStatusCode.OK, $"{path}: {(int)answer.StatusCode} {body}");
            if (path.StartsWith("/api/export/events", StringComparison.Ordinal))
            {
                Assert.Contains($"{other.Id}", body, StringComparison.Ordinal);
            }
        }

        using HttpResponseMessage total = await asking.Post(
            "/api/query", """{"date_from":"2026-01-15","date_to":"2026-01-15","series":[{"event":"buy","math":"total"}]}""");
        Assert.True(total.StatusCode == HttpStatusCode.OK, await total.Content.ReadAsStringAsync());
        using HttpResponseMessage sql = await asking.Sql("select event, distinct_id, properties from events");
        Assert.True(sql.StatusCode == HttpStatusCode.OK, await sql.Content.ReadAsStringAsync());
    }
}
