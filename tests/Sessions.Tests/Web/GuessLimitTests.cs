using System.Net;
using Microsoft.Extensions.Time.Testing;
using Sessions.Web.Access;

namespace Sessions.Tests.Web;

public sealed class GuessLimitTests
{
    private static readonly IPAddress Office = IPAddress.Parse("203.0.113.9");

    private readonly FakeTimeProvider _time = new();
    private readonly GuessLimit _limit;

    public GuessLimitTests() => _limit = new GuessLimit(10, _time);

    [Fact]
    public void Wrong_keys_are_looked_at_until_the_minutes_share_is_used_up_and_again_as_time_passes()
    {
        Guess(10);

        Assert.Equal(6, _limit.Check(Office, null).TotalSeconds, 0.01);
        _time.Advance(TimeSpan.FromSeconds(6));
        Assert.Equal(TimeSpan.Zero, _limit.Check(Office, null));
        Assert.True(_limit.Check(Office, null) > TimeSpan.Zero);
        Assert.Equal(TimeSpan.Zero, _limit.Check(IPAddress.Parse("203.0.113.10"), null));
    }

    [Fact]
    public void A_refused_guess_does_not_prolong_the_wait()
    {
        Guess(10);
        for (int i = 0; i < 1_000; i++)
        {
            _limit.Check(Office, null);
        }

        _time.Advance(TimeSpan.FromSeconds(6));
        Assert.Equal(TimeSpan.Zero, _limit.Check(Office, null));
    }

    [Fact]
    public void A_key_that_the_address_used_before_is_accepted_while_others_are_refused()
    {
        _limit.Check(Office, "ours");
        Guess(10);

        Assert.Equal(TimeSpan.Zero, _limit.Check(Office, "ours"));
        Assert.True(_limit.Check(Office, "guessed right at last") > TimeSpan.Zero);
    }

    [Fact]
    public void Addresses_of_one_IPv6_network_count_as_one()
    {
        for (int i = 0; i < 10; i++)
        {
            _limit.Check(IPAddress.Parse($"2001:db8:1:2::{i}"), null);
        }

        Assert.True(_limit.Check(IPAddress.Parse("2001:db8:1:2:ffff::1"), null) > TimeSpan.Zero);
        Assert.Equal(TimeSpan.Zero, _limit.Check(IPAddress.Parse("2001:db8:1:3::1"), null));
    }

    [Fact]
    public void An_address_is_not_forgotten_while_many_others_guess()
    {
        Guess(10);
        for (int i = 0; i < 12_000; i++)
        {
            _limit.Check(new IPAddress(i), null);
        }

        Assert.True(_limit.Check(Office, null) > TimeSpan.Zero);
    }

    private void Guess(int times)
    {
        for (int i = 0; i < times; i++)
        {
            Assert.Equal(TimeSpan.Zero, _limit.Check(Office, null));
        }
    }
}
