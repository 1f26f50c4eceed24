using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Orleans.Serialization;
using Orleans.Storage;
using Sessions.Grains;
using Sessions.Gateway.Api;

namespace Sessions.Tests.Gateway.Api;

/// <summary>Which failures are the world's, 503 and tried again, and which are ours.</summary>
public sealed class UnavailableAnswerTests
{
    public static TheoryData<Exception> OfTheWorld =>
    [
        new SessionsUnavailableException(), new TimeoutException(), new SocketException(), new NpgsqlException("The connection broke."),
        new SiloUnavailableException(), new InconsistentStateException("Another has written."), new AggregateException(new TimeoutException()),
        new OrleansException("The state could not be read.", new PostgresException("no", "ERROR", "ERROR", "42P01")),
    ];

    [Theory]
    [MemberData(nameof(OfTheWorld), DisableDiscoveryEnumeration = true)]
    public void A_world_that_is_away_is_503(Exception failure)
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
    public void Postgres_says_whether_another_try_may_help(string state, bool mayHelp) =>
        Assert.Equal(mayHelp, UnavailableAnswer.IsUnavailable(new PostgresException("refused", "ERROR", "ERROR", state)));

    [Fact]
    public void A_fault_in_the_program_is_not_hidden()
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
