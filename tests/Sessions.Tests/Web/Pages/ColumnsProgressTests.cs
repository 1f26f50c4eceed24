using Sessions.Queries;
using Sessions.Queries.Engines;

namespace Sessions.Tests.Web.Pages;

/// <summary>Pages while the columns are being written.</summary>
public sealed class ColumnsProgressTests(BuildingGateway gateway) : IClassFixture<BuildingGateway>
{
    [Fact]
    public async Task Pages_that_ask_questions_say_how_much_of_the_columns_is_written()
    {
        TestGateway.Project project = gateway.NextProject();
        using HttpClient browser = await gateway.Reader(project);

        foreach (string page in (string[])["/", "/sessions", "/explore", "/sql"])
        {
            Assert.Contains("The columns are being written: 42", await browser.Page(page), StringComparison.Ordinal);
        }

        Assert.DoesNotContain("The columns are being written", await browser.Page("/live"), StringComparison.Ordinal);
    }
}

/// <summary>A gateway whose columns are being written.</summary>
public sealed class BuildingGateway(TestPostgres postgres) : TestGateway(postgres)
{
    protected override ColumnsEngine Columns { get; } = new Building();

    private sealed class Building : ColumnsEngine
    {
        public override Task<IReadOnlyList<IReadOnlyList<object?[]>>?> Read(
            string project, IReadOnlyList<Statement> statements, StatementLimits limits, CancellationToken cancellation) =>
            Task.FromResult<IReadOnlyList<IReadOnlyList<object?[]>>?>(null);

        public override Task<int?> FindPercent(string project, CancellationToken cancellation) => Task.FromResult<int?>(42);
    }
}
