using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Sessions.Columns;
using Sessions.Columns.Asking;
using Sessions.Database;

namespace Sessions.Tests.Columns;

/// <summary>A gateway's client and the process, over HTTP.</summary>
public sealed class EndpointTests(TestPostgres postgres)
{
    private const string Secret = "a-secret-of-sixteen-characters";
    private static readonly ColumnsLimits Limits = new(TimeSpan.FromSeconds(20), 100);

    [Fact]
    public async Task A_question_is_answered_when_the_file_is_written()
    {
        await using TestColumns columns = await TestColumns.Start(postgres);
        await using WebApplication process = await Start(columns);
        using ColumnsClient client = Client(AddressOf(process), Secret);

        IReadOnlyList<ColumnsAnswer>? answers = null;
        for (int attempt = 0; answers is null && attempt < 200; attempt++)
        {
            answers = await client.Read(columns.Project, [new("SELECT count(*), $1 FROM events", ["x"])], Limits, default);
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }

        Assert.Equal([0L, "x"], answers![0].Rows[0]);
        await Assert.ThrowsAsync<ColumnsRefusedException>(() => client.Read(columns.Project, [new("SELECT nothing", [])], Limits, default));
        await Assert.ThrowsAsync<TimeoutException>(() => client.Read(
            columns.Project,
            [new("SELECT count(*) FROM range(100000000) a, range(100000) b WHERE a.range * b.range % 7 = 3", [])],
            Limits with { Time = TimeSpan.FromMilliseconds(300) },
            default));
    }

    [Fact]
    public async Task A_client_with_another_secret_gets_nothing()
    {
        await using TestColumns columns = await TestColumns.Start(postgres);
        await using WebApplication process = await Start(columns);
        using ColumnsClient client = Client(AddressOf(process), "another-secret-of-someone");
        using HttpClient stranger = new() { BaseAddress = new Uri(AddressOf(process)) };

        Assert.Null(await client.Read(columns.Project, [new("SELECT 1", [])], Limits, default));
        using HttpResponseMessage refused = await stranger.PostAsync("/columns/read", new ByteArrayContent([1]), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        Assert.DoesNotContain(columns.Project, await stranger.GetStringAsync("/health/ready", TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_process_that_is_away_gives_no_answer_and_a_second_one_stands_by()
    {
        await using TestColumns columns = await TestColumns.Start(postgres);
        await using WebApplication process = await Start(columns);
        using ColumnsClient alone = Client("http://127.0.0.1:9", Secret);
        using ColumnsClient both = Client($"http://127.0.0.1:9, {AddressOf(process)}", Secret);

        Assert.Null(await alone.Read(columns.Project, [new("SELECT 1", [])], Limits, default));
        IReadOnlyList<ColumnsAnswer>? answers = null;
        for (int attempt = 0; answers is null && attempt < 200; attempt++)
        {
            answers = await both.Read(columns.Project, [new("SELECT 1", [])], Limits, default);
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }

        Assert.NotNull(answers);
    }

    [Fact]
    public async Task Bytes_that_are_no_question_get_503_and_the_process_goes_on()
    {
        await using TestColumns columns = await TestColumns.Start(postgres);
        await using WebApplication process = await Start(columns);
        using HttpClient client = new() { BaseAddress = new Uri(AddressOf(process)) };
        client.DefaultRequestHeaders.Authorization = new("Bearer", Secret);

        foreach (byte[] body in (byte[][])[[], [1], [1, 0, 0, 0], [1, 0, 0, 0, 200, 200, 200], [.. Enumerable.Repeat((byte)255, 100)]])
        {
            using HttpResponseMessage answer = await client.PostAsync("/columns/read", new ByteArrayContent(body), TestContext.Current.CancellationToken);
            Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        }
    }

    private static async Task<WebApplication> Start(TestColumns columns)
    {
        // The process of the fixture must not have the same file open.
        await columns.Open.DisposeAsync();
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.Services.AddRoutingCore();
        builder.Services.AddSessionsDatabase(columns.ConnectionString);
        builder.Services.AddSessionsColumns();
        builder.Services.Configure<ColumnsOptions>(options => (options.Directory, options.CatchUpSeconds) = (columns.Options.Directory, 0.1));
        builder.Services.Configure<ColumnsClientOptions>(options => options.Secret = Secret);
        WebApplication app = builder.Build();
        app.UseRouting();
        app.MapSessionsColumns();
        await app.StartAsync();
        return app;
    }

    private static string AddressOf(WebApplication app) =>
        app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();

    private static ColumnsClient Client(string urls, string secret) => new(
        Microsoft.Extensions.Options.Options.Create(new ColumnsClientOptions { Urls = urls, Secret = secret }), TimeProvider.System);
}
