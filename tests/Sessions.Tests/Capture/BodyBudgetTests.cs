using System.Net;
using Sessions.Capture;
using Sessions.Capture.Body;

namespace Sessions.Tests.Capture;

/// <summary>
/// One sender can't use up the memory for bodies: not with claimed lengths, not from one address, and not with large
/// bodies.
/// </summary>
public sealed class BodyBudgetTests
{
    private const int Mebibyte = 1 << 20;

    // 256 MiB: 32 for small ones, 32 a client once 128 are in hand.
    private readonly BodyBudget _budget = new(new CaptureOptions());

    [Theory]
    [InlineData(0, 20 * 1024)]
    [InlineData(1_000, 20 * 1024)]
    [InlineData(100_000, 220 * 1024)]
    [InlineData(5_000_000, 10_000_000 + 20 * 1024)]
    public void A_body_uses_budget_for_the_bytes_received_and_not_for_its_claimed_length(int come, int most)
    {
        using var share = new BodyShare(_budget);
        using var body = new PooledBytes(share, 20 * Mebibyte, "as received", expected: 20 * Mebibyte);
        body.Append(new byte[come]);

        Assert.InRange(_budget.InHand, come, most);
    }

    [Theory]
    [InlineData(20 * 1024)]
    [InlineData(700_000)]
    [InlineData(20 * Mebibyte)]
    public void A_body_as_long_as_it_claims_uses_no_more_budget_than_its_length(int length)
    {
        using var share = new BodyShare(_budget);
        using var body = new PooledBytes(share, 20 * Mebibyte, "as received", expected: length + 1);
        body.Append(new byte[length]);

        // The pool hands out powers of two.
        Assert.InRange(_budget.InHand, length, Math.Max(length + 1, Math.Min(2 * length, Mebibyte)));
    }

    [Theory]
    [InlineData(64u << 20)]
    [InlineData(1u << 20)]
    public void A_gzip_body_uses_budget_for_its_inflated_bytes_and_not_for_the_length_in_its_trailer(uint claimed)
    {
        byte[] liar = [.. Bodies.Gzip("{}")[..^4], .. BitConverter.GetBytes(claimed)];
        var options = new CaptureOptions { MaxBytesInHand = 64 * 1024 };

        var refused = Assert.Throws<CaptureRefusedException>(() => Bodies.Decode(liar, options));
        Assert.Equal(400, refused.Refusal.Status);
    }

    [Fact]
    public void Large_bodies_leave_budget_for_small_ones()
    {
        List<BodyShare> large = [];
        for (int client = 1; client <= 100; client++)
        {
            BodyShare share = Of($"192.0.2.{client}");
            large.Add(share);
            Refuses(() => share.Take(4 * Mebibyte));
        }

        Assert.Equal(224 * Mebibyte, _budget.InHand);
        using BodyShare small = Of("198.51.100.7");
        small.Take(BodyBudget.SmallRequest);
        Assert.True(Refuses(() => small.Take(1)), "It is a large one now.");
        large.ForEach(share => share.Dispose());
        small.Take(1);
    }

    [Theory]
    [InlineData("192.0.2.1", "192.0.2.1")]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:2:ffff::9")]
    public void One_client_can_use_at_most_half_of_the_budget(string one, string same)
    {
        List<BodyShare> taken = [];
        for (int request = 0; request < 100; request++)
        {
            BodyShare share = Of(request % 2 == 0 ? one : same);
            taken.Add(share);
            Refuses(() => share.Take(4 * Mebibyte));
        }

        Assert.Equal(128 * Mebibyte, _budget.InHand);
        using BodyShare other = Of("198.51.100.7");
        for (int mebibytes = 0; mebibytes < 32; mebibytes++)
        {
            other.Take(Mebibyte);
        }

        Assert.True(Refuses(() => other.Take(1)), "It has its share.");
    }

    [Fact]
    public void One_body_of_the_largest_size_fits_into_the_budget()
    {
        var options = new CaptureOptions { MaxBytesInHand = 102 * Mebibyte };
        using var share = new BodyShare(new BodyBudget(options));
        share.BelongsTo(IPAddress.Loopback);
        share.Take(options.LargestInHand);
    }

    private BodyShare Of(string address)
    {
        var share = new BodyShare(_budget);
        share.BelongsTo(IPAddress.Parse(address));
        return share;
    }

    private static bool Refuses(Action take)
    {
        try
        {
            take();
            return false;
        }
        catch (CaptureRefusedException refused)
        {
            Assert.Equal(503, refused.Refusal.Status);
            return true;
        }
    }
}
