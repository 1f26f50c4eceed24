using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Orleans.Serialization;
using Orleans.Storage;
using Sessions.Silo;
using Sessions.Web;

namespace Sessions.Tests.Web.Api;

/// <summary>Which failures come from outside and give 503, and which are errors of the program.</summary>
public sealed class UnavailableAnswerTests
{
    public static TheoryData<Exception> OfTheWorld =>
    [
        new SessionsUnavailableException(), new TimeoutException(), new SocketException(), new NpgsqlException("The connection broke."),
        new SiloUnavailableException(), new InconsistentStateException("Another has written."), new AggregateException(new TimeoutException()),
        new OrleansException("The state could not be read.", new PostgresException("no", "ERROR", "ERROR", "42P01")),
        new OperationCanceledException("The message expired before a silo was found for the grain."),
    ];

    [Theory]
    [MemberData(nameof(OfTheWorld), DisableDiscoveryEnumeration = true)]
    public void A_failure_of_Postgres_the_network_or_a_silo_gives_503(Exception failure)
    {
        Assert.True(UnavailableAnswer.IsUnavailable(failure));
        Assert.True(UnavailableAnswer.IsUnavailable(FromASilo(failure)), FromASilo(failure).ToString());
    }

    [Theory]
    [InlineData("57P01", true)] // going down
    [InlineData("53300", true)] // too many connections
    [InlineData("40001", true)] // another transaction was first
    [InlineData("55P03", true)] // another's lock
    [InlineData("57014", true)] // took too long
    [InlineData("0A000", true)] // a plan made before the tables changed
    [InlineData("26000", true)] // a prepared statement that the server has forgotten
    [InlineData("22P02", false)] // a wrong value
    [InlineData("23505", false)] // a key twice
    [InlineData("42601", false)] // wrong SQL
    public void The_error_code_of_Postgres_decides_whether_a_retry_may_help(string state, bool mayHelp) =>
        Assert.Equal(mayHelp, UnavailableAnswer.IsUnavailable(new PostgresException("refused", "ERROR", "ERROR", state)));

    [Theory]
    [InlineData("PANIC", true)] // the log's disk is full, and the server ends
    [InlineData("FATAL", true)] // the connection ends
    [InlineData("ERROR", false)] // a fault of Postgres for this statement
    public void An_internal_error_of_Postgres_may_pass_when_it_ends_the_server_or_the_connection(string severity, bool mayPass) =>
        Assert.Equal(mayPass, UnavailableAnswer.IsUnavailable(new PostgresException("could not write", severity, severity, "XX000")));

    [Fact]
    public void An_unexpected_exception_is_not_reported_as_unavailable()
    {
        Assert.False(UnavailableAnswer.IsUnavailable(new InvalidOperationException()));
        Assert.False(UnavailableAnswer.IsUnavailable(FromASilo(new KeyNotFoundException())));
        Assert.False(UnavailableAnswer.IsUnavailable(new AggregateException(new TimeoutException(), new InvalidCastException())));
    }

    /// <summary>The failure as it arrives from another process.</summary>
    private static Exception FromASilo(Exception failure)
    {
        using ServiceProvider silo = new ServiceCollection().AddSerializer().WriteStorageFailures().BuildServiceProvider();
        using ServiceProvider gateway = new ServiceCollection().AddSerializer().BuildServiceProvider();
        byte[] written = silo.GetRequiredService<Serializer>().SerializeToArray(failure);
        return gateway.GetRequiredService<Serializer>().Deserialize<Exception>(written)!;
    }
}
