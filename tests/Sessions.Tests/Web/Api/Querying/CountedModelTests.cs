using System.Text.Json.Nodes;
using Npgsql;

namespace Sessions.Tests.Web.Api.Querying;

/// <inheritdoc/>
public sealed class CountedModelTests(TestGateway gateway) : CountedModel<TestGateway>(gateway);

/// <summary>The same, answered from columns.</summary>
public sealed class CountedModelOfColumnsTests(ColumnsGateway gateway) : CountedModel<ColumnsGateway>(gateway);

/// <summary>The numbers of random queries are opened: each list has the sessions that naive code counts there, and no others.</summary>
public abstract class CountedModel<TGateway>(TGateway gateway) : IClassFixture<TGateway>
    where TGateway : TestGateway
{
    private const int Sessions = 120;
    private const int Queries = 120;
    private const int LinesOfQuery = 4;

    [Theory]
    [InlineData(21, false)]
    [InlineData(22, true)]
    public async Task The_list_behind_every_number_has_the_sessions_that_are_counted_there(int seed, bool areMostOfSessions)
    {
        RandomQueries random = new(seed);
        List<StoredSession> sessions = random.Sessions(Sessions);
        using Asking asking = await Asking.About(gateway, [.. sessions]);
        await using (NpgsqlCommand analyze = gateway.Database.CreateCommand("analyze"))
        {
            await analyze.ExecuteNonQueryAsync();
        }

        int opened = 0;
        for (int i = 0; i < Queries; i++)
        {
            JsonObject asked = areMostOfSessions && i % 2 == 0 ? random.QueryOfSessions() : random.Query();
            asked.Remove("formula");
            string query = asked.ToJsonString();
            List<NaiveLine> lines = new NaiveQuery(sessions).Lines(JsonNode.Parse(query)!);
            JsonNode[] results = [.. (await asking.Query(query)).Select(result => result!)];
            Assert.Equal(lines.Count, results.Length);

            foreach (int line in Enumerable.Range(0, results.Length).OrderBy(_ => random.OneOf([0, 1, 2, 3])).Take(LinesOfQuery))
            {
                JsonArray points = results[line]["sessions_urls"]!.AsArray();
                Assert.Equal(results[line]["data"]!.AsArray().Count, points.Count);
                await Opens($"seed {seed}, query {i}, line {line}: {query}", results[line]["sessions_url"], lines[line].Sessions!);
                // Some of the points that have sessions, and some that have none.
                foreach (int point in Enumerable.Range(0, points.Count).OrderByDescending(point => lines[line].OfPoints[point]!.Count).Take(2).Append(points.Count - 1).Where(point => point >= 0))
                {
                    await Opens($"seed {seed}, query {i}, line {line}, point {point}: {query}", points[point], lines[line].OfPoints[point]!);
                    opened++;
                }
            }
        }

        Assert.True(opened > 100, $"Only {opened} points were opened.");

        async Task Opens(string where, JsonNode? url, HashSet<Guid> expected)
        {
            using HttpResponseMessage answer = await asking.Program.GetAsync($"{url}&limit=1000");
            string body = await answer.Content.ReadAsStringAsync();
            Assert.True(answer.IsSuccessStatusCode, $"{where}\n{url}\n{body}");
            string[] listed = [.. JsonNode.Parse(body)!["results"]!.AsArray().Select(session => (string)session!["$session_id"]!)];
            Assert.True(
                expected.SetEquals(listed.Select(Guid.Parse)) && listed.Length == expected.Count,
                $"{where}\nexpected {expected.Count} sessions, listed {listed.Length}: missing {string.Join(' ', expected.Except(listed.Select(Guid.Parse)))}, too many {string.Join(' ', listed.Select(Guid.Parse).Except(expected))}");
        }
    }
}
