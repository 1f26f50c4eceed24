using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Npgsql;
using Sessions.Host.Telemetry;

namespace Sessions.Tests.Host.Telemetry;

/// <summary>The kind: while Postgres is away whoever asks it for something logs that again and again. Once is enough.</summary>
public sealed class PostgresOutageTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void The_first_line_begins_an_outage_and_all_others_are_left_out_until_its_end()
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

    [Theory]
    [InlineData(PostgresErrorCodes.AdminShutdown, true)]
    [InlineData(PostgresErrorCodes.CrashShutdown, true)]
    [InlineData(PostgresErrorCodes.CannotConnectNow, true)]
    [InlineData(PostgresErrorCodes.DiskFull, false)]
    [InlineData(PostgresErrorCodes.TooManyConnections, false)]
    [InlineData(PostgresErrorCodes.UndefinedColumn, false)]
    public void What_Postgres_says_tells_whether_it_goes(string state, bool goes) =>
        Assert.Equal(goes ? OutageNews.Begins : OutageNews.None, new PostgresOutage(_time).See(LogLevel.Error, Of(state)));

    [Fact]
    public void It_is_found_inside_of_other_failures() =>
        Assert.Equal(
            OutageNews.Begins,
            new PostgresOutage(_time).See(
                LogLevel.Error, new AggregateException(new ArgumentException("x"), new InvalidOperationException("y", Refused()))));

    [Fact]
    public void What_takes_long_is_written_and_gives_reason_to_look()
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
