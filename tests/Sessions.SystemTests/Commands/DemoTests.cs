using System.Text.RegularExpressions;
using Npgsql;
using Sessions.SystemTests.Harness;

namespace Sessions.SystemTests.Commands;

/// <summary>The demo, for those who have no visitors yet.</summary>
public sealed partial class DemoTests(DemoCluster demo) : IClassFixture<DemoCluster>
{
    [Fact]
    public async Task The_sample_visitors_are_in_a_project_of_their_own()
    {
        using Gateway gateway = new(demo.Cluster.Ready.Gateways[0], demo.Cluster.Ready.ProjectToken, demo.ApiKey);
        using HttpResponseMessage settings = await gateway.Ask(HttpMethod.Get, "/api/project");

        Assert.Contains("Demo (sample visitors)", await settings.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        await using NpgsqlCommand real = demo.Cluster.Reader.CreateCommand("select count(*) from sessions");
        Assert.Equal(0L, await real.ExecuteScalarAsync());
    }

    [Fact]
    public async Task The_sample_visitors_have_countries_which_the_overview_lists_and_draws()
    {
        using Gateway gateway = new(demo.Cluster.Ready.Gateways[0], demo.Cluster.Ready.ProjectToken, demo.ApiKey);
        using HttpClient browser = new(new HttpClientHandler { CookieContainer = new() }) { BaseAddress = gateway.Address };
        (await browser.SignIn(demo.ApiKey)).Dispose();
        await using NpgsqlCommand ended = demo.Reader.CreateCommand("select count(distinct country) >= 10 and bool_and(country is not null) from sessions where status = 'ended'");
        await using NpgsqlCommand live = demo.Reader.CreateCommand("select bool_and(country is not null) from sessions where status = 'live'");

        string page = await browser.GetStringAsync("/?date_from=-7d");

        Assert.True(await ended.ExecuteScalarAsync() is true, "Not every past visitor has a country.");
        Assert.True(await live.ExecuteScalarAsync() is true, "Not every live visitor has a country.");
        Assert.Contains("data-map", page, StringComparison.Ordinal);
        Assert.Contains("data-country=\"DE\"", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_query_of_the_cookbook_returns_rows()
    {
        string cookbook = await File.ReadAllTextAsync(Path.Combine(Repository.Root, "docs", "sql-cookbook.md"));
        MatchCollection questions = Question().Matches(cookbook);

        Assert.True(questions.Count >= 20, $"{questions.Count} questions");
        foreach (Match question in questions)
        {
            await using NpgsqlCommand command = demo.Reader.CreateCommand(question.Groups["sql"].Value);
            try
            {
                Assert.True((await command.ExecuteScalarAsync()) is not null, $"'{question.Groups["title"].Value}' has no answer.");
            }
            catch (PostgresException wrong)
            {
                Assert.Fail($"'{question.Groups["title"].Value}': {wrong.MessageText}");
            }
        }
    }

    [GeneratedRegex("^### (?<title>[^\n]+)\n(?:(?!^###)[^\n]*\n)*?```sql\n(?<sql>.+?)```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Question();
}
