using System.Diagnostics.Metrics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Sessions.Columns.Asking;
using Sessions.Host.Roles;
using Sessions.Queries;
using Sessions.Queries.Engines;

namespace Sessions.Tests.Host.Roles;

/// <summary>What the log says when DuckDB does not answer as it should.</summary>
public sealed class ColumnsOfProcessTests
{
    [Fact]
    public async Task A_refused_statement_is_a_warning_once_for_its_kind_and_is_counted_each_time()
    {
        await using Refusing process = await Refusing.Start("Binder Error: Referenced column \"x\" not found\nCandidates: …");

        await process.Ask("select x from sessions where y in ($1, $2)", 2);
        await process.Ask("select x from sessions where y in ($1, $3)", 1);
        await process.Ask("select z from sessions", 1);

        Assert.Equal([5022, 5024, 5024, 5022], process.Lines.Select(line => line.Id));
        Assert.Contains("select x from sessions", process.Lines[0].Text, StringComparison.Ordinal);
        Assert.Equal(4, process.Faults);
    }

    [Fact]
    public async Task A_question_that_needs_too_much_memory_says_which_option_to_raise()
    {
        await using Refusing process = await Refusing.Start("Out of Memory Error: failed to allocate data of size 256.0 MiB");

        await process.Ask("select 1", 1);

        Assert.Equal(5023, Assert.Single(process.Lines).Id);
        Assert.Contains("Columns:MemoryMegabytes", process.Lines[0].Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_value_that_only_Postgres_answers_exactly_is_no_fault()
    {
        await using Refusing process = await Refusing.Start("Invalid Input Error: only Postgres answers this value");

        await process.Ask("select 1", 2);

        Assert.Equal([5021, 5021], process.Lines.Select(line => line.Id));
        Assert.Equal(0, process.Faults);
    }

    /// <summary>A process with columns that refuses everything.</summary>
    private sealed class Refusing : IAsyncDisposable, ILogger<ColumnsOfProcess>
    {
        private readonly WebApplication _process;
        private readonly TestMeters _meters = new();
        private readonly MeterListener _listener = new();
        private readonly ColumnsClient _client;
        private readonly ColumnsOfProcess _columns;

        private Refusing(WebApplication process)
        {
            _process = process;
            _client = new ColumnsClient(
                Microsoft.Extensions.Options.Options.Create(new ColumnsClientOptions { Urls = process.Urls.Single(), Secret = "a-secret-of-sixteen" }), TimeProvider.System);
            _columns = new ColumnsOfProcess(_client, _meters, this);
            _listener.InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter.Scope == _meters)
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            };
            _listener.SetMeasurementEventCallback<long>((_, count, _, _) => Faults += count);
            _listener.Start();
        }

        public List<(int Id, string Text)> Lines { get; } = [];

        public long Faults { get; private set; }

        public static async Task<Refusing> Start(string message)
        {
            WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
            builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
            builder.Services.AddRoutingCore();
            WebApplication process = builder.Build();
            process.UseRouting();
            process.MapPost("/columns/read", async context =>
            {
                context.Response.StatusCode = StatusCodes.Status400BadRequest;
                await context.Response.WriteAsync("0\n" + message);
            });
            await process.StartAsync();
            return new Refusing(process);
        }

        public async Task Ask(string sql, int times)
        {
            for (int time = 0; time < times; time++)
            {
                Assert.Null(await _columns.Read("p", [new Statement(sql, [])], new StatementLimits(TimeSpan.FromSeconds(10), 1), CancellationToken.None));
            }
        }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Lines.Add((eventId.Id, formatter(state, exception)));

        public async ValueTask DisposeAsync()
        {
            _listener.Dispose();
            _client.Dispose();
            _meters.Dispose();
            await _process.DisposeAsync();
        }
    }
}
