using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Npgsql;
using Sessions.Host.Telemetry;

namespace Sessions.Tests.Host.Telemetry;

/// <summary>
/// An outage of Postgres is logged once, although everything that needs Postgres fails again and again.
/// </summary>
public sealed class PostgresOutageTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void Only_the_first_log_line_of_an_outage_is_written_until_it_ends()
    {
        PostgresOutage outage = new(_time);

        Assert.Equal(OutageNews.Begins, outage.See(LogLevel.Error, Refused()));
        Assert.Equal(OutageNews.GoesOn, outage.See(LogLevel.Warning, Of(PostgresErrorCodes.CannotConnectNow)));
        Assert.Equal(OutageNews.GoesOn, outage.See(LogLevel.Error, Slow()));
        Assert.Equal(OutageNews.None, outage.See(LogLevel.Error, new InvalidOperationException("a fault of ours")));
        Assert.Equal(OutageNews.None, outage.See(LogLevel.Information, Refused()));
        _time.Advance(TimeSpan.FromSeconds(7));

        Assert.Equal((TimeSpan.FromSeconds(7), 2), outage.End());
        Assert.Equal(OutageNews.Begins, outage.See(LogLevel.Error, Refused()));
    }

    [Fact]
    public void Several_hosts_of_which_none_can_be_used_are_suspected_to_be_an_outage()
    {
        PostgresOutage outage = new(_time);

        outage.See(LogLevel.Error, new NpgsqlException("No suitable host was found."));

        Assert.True(outage.Suspected.IsCompleted);
    }

    [Theory]
    [InlineData(PostgresErrorCodes.AdminShutdown, true)]
    [InlineData(PostgresErrorCodes.CrashShutdown, true)]
    [InlineData(PostgresErrorCodes.CannotConnectNow, true)]
    [InlineData(PostgresErrorCodes.DiskFull, false)]
    [InlineData(PostgresErrorCodes.TooManyConnections, false)]
    [InlineData(PostgresErrorCodes.UndefinedColumn, false)]
    public void The_error_code_of_Postgres_decides_whether_an_outage_begins(string state, bool goes) =>
        Assert.Equal(goes ? OutageNews.Begins : OutageNews.None, new PostgresOutage(_time).See(LogLevel.Error, Of(state)));

    [Fact]
    public void A_Postgres_failure_inside_another_exception_begins_an_outage() =>
        Assert.Equal(
            OutageNews.Begins,
            new PostgresOutage(_time).See(
                LogLevel.Error, new AggregateException(new ArgumentException("x"), new InvalidOperationException("y", Refused()))));

    [Fact]
    public void A_slow_statement_is_logged_and_starts_a_check_of_Postgres()
    {
        PostgresOutage outage = new(_time);
        Assert.False(outage.Suspected.IsCompleted);

        Assert.Equal(OutageNews.None, outage.See(LogLevel.Warning, Slow()));

        Assert.True(outage.Suspected.IsCompleted);
        Assert.True(outage.Begin());
        Assert.False(outage.Begin());
        Assert.Equal(OutageNews.GoesOn, outage.See(LogLevel.Warning, Slow()));
    }

    private static NpgsqlException Refused() => new("Failed to connect", new SocketException((int)SocketError.ConnectionRefused));

    private static NpgsqlException Slow() => new("Exception while reading from stream", new TimeoutException());

    private static PostgresException Of(string state) => new("said", "FATAL", "FATAL", state);
}
