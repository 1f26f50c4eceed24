using System.Text.RegularExpressions;
using Npgsql;
using Sessions.SystemTests.Harness;

namespace Sessions.SystemTests.Commands;

/// <summary>What somebody sees who has no visitors yet.</summary>
public sealed partial class DemoTests
{
    [Fact]
    public async Task Two_weeks_of_made_up_visits_and_visitors_who_are_on_now_are_in_a_project_of_their_own()
    {
        await using Cluster cluster = await Cluster.Launch(new ClusterPlan { Name = "demo", Demo = true });
        using Gateway demo = new(cluster.Ready.Gateways[0], cluster.Ready.ProjectToken, await Key(cluster));

        await Wait.For(
            async () => await Scalar(cluster, "select count(distinct start_timestamp::date) >= 14 and bool_or(status = 'live') from tracking.sessions") is true,
            "No two weeks of visits and somebody who is on now.",
            TimeSpan.FromMinutes(2));

        using HttpResponseMessage settings = await demo.Ask(HttpMethod.Get, "/api/project");
        Assert.Contains("Demo (made-up visitors)", await settings.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal(0L, await Scalar(cluster, "select count(*) from tracking.sessions where project = 'default'"));
    }

    // It is printed after the ready file is written.
    private static Task<string> Key(Cluster cluster) => Wait.For(
        () => Task.FromResult(DemoKey().Match(cluster.Output) is { Success: true } found ? found.Value : null),
        "./run --demo did not print the demo's key.",
        TimeSpan.FromSeconds(30));

    private static async Task<object?> Scalar(Cluster cluster, string sql)
    {
        await using NpgsqlCommand command = cluster.Operator.CreateCommand(sql);
        return await command.ExecuteScalarAsync();
    }

    [GeneratedRegex("(?<=API key +)sk_demo\\w+")]
    private static partial Regex DemoKey();
}
