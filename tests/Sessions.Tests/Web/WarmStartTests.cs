using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Sessions.Queries;
using Sessions.Queries.Engines;
using Sessions.Web;

namespace Sessions.Tests.Web;

/// <summary>The first request after a start does not wait for what the start can do.</summary>
public sealed class WarmStartTests(AskedGateway gateway) : IClassFixture<AskedGateway>
{
    [Fact]
    public async Task A_started_gateway_has_asked_the_columns_a_question_which_may_fail()
    {
        Assert.Equal([ProjectId.Default], gateway.Asked);
        using HttpClient program = gateway.Program(gateway.Ours.ApiKey);
        Assert.True((await program.GetAsync("/api/project")).IsSuccessStatusCode);
    }

    [Fact]
    public async Task A_start_looks_for_one_endpoint_so_that_all_are_made()
    {
        await using WebApplication other = await gateway.StartAnother();
        WarmStart start = (WarmStart)other.Services.GetService(typeof(WarmStart))!;
        List<PathString> paths = [];
        start.Before(context =>
        {
            paths.Add(context.Request.Path);
            return Task.CompletedTask;
        });

        await start.StartedAsync(TestContext.Current.CancellationToken);

        Assert.Equal(["/health/live"], paths);
    }
}

/// <summary>A gateway whose columns fail.</summary>
public sealed class AskedGateway(TestPostgres postgres) : TestGateway(postgres)
{
    private readonly Failing _columns = new();

    /// <summary>The projects that were asked about.</summary>
    public IEnumerable<string> Asked => _columns.Asked.Distinct();

    protected override ColumnsEngine Columns => _columns;

    private sealed class Failing : ColumnsEngine
    {
        public ConcurrentQueue<string> Asked { get; } = new();

        public override Task<IReadOnlyList<IReadOnlyList<object?[]>>?> Read(
            string project, IReadOnlyList<Statement> statements, StatementLimits limits, CancellationToken cancellation)
        {
            Asked.Enqueue(project);
            throw new InvalidOperationException("The engine has a fault.");
        }
    }
}
