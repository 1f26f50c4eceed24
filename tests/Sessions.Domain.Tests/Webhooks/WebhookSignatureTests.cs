using System.Text;
using Sessions.Domain.Webhooks;

namespace Sessions.Domain.Tests.Webhooks;

public sealed class WebhookSignatureTests
{
    // The example that the libraries of Standard Webhooks test themselves with.
    private const string Secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    private const string Id = "msg_p5jXN8AQM9LWM0D4loKWxJek";
    private const string Signature = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
    private const long Timestamp = 1614265330;
    private static readonly byte[] Body = Encoding.UTF8.GetBytes("""{"test": 2432232314}""");
    private static readonly DateTimeOffset Then = DateTimeOffset.FromUnixTimeSeconds(Timestamp);

    [Fact]
    public void The_signature_equals_the_Standard_Webhooks_signature() =>
        Assert.Equal(Signature, WebhookSignature.Sign([Secret], Id, Timestamp, Body));

    [Fact]
    public void While_two_secrets_are_valid_the_signature_verifies_with_either()
    {
        string other = WebhookSignature.WriteSecret(new byte[WebhookSignature.KeyBytes]);
        string both = WebhookSignature.Sign([other, Secret], Id, Timestamp, Body);

        Assert.Equal(2, both.Split(' ').Length);
        Assert.True(IsValid(Secret, both));
        Assert.True(IsValid(other, both));
    }

    [Fact]
    public void A_change_of_any_signed_part_makes_the_signature_invalid()
    {
        byte[] changed = [.. Body];
        changed[^2]++;

        Assert.True(IsValid(Secret, Signature));
        Assert.False(WebhookSignature.IsValid(Secret, Id, $"{Timestamp}", Signature, changed, Then, TimeSpan.FromMinutes(5)));
        Assert.False(WebhookSignature.IsValid(Secret, Id + "x", $"{Timestamp}", Signature, Body, Then, TimeSpan.FromMinutes(5)));
        Assert.False(WebhookSignature.IsValid(Secret, Id, $"{Timestamp + 1}", Signature, Body, Then, TimeSpan.FromMinutes(5)));
        Assert.False(IsValid(WebhookSignature.WriteSecret(new byte[WebhookSignature.KeyBytes]), Signature));
        Assert.False(IsValid(Secret, "v1,nonsense"));
        Assert.False(IsValid(Secret, ""));
    }

    [Theory]
    [InlineData(300, true)]
    [InlineData(-300, true)]
    [InlineData(301, false)]
    [InlineData(-301, false)]
    public void An_old_or_a_future_timestamp_is_refused(int secondsLater, bool isValid) => Assert.Equal(
        isValid,
        WebhookSignature.IsValid(Secret, Id, $"{Timestamp}", Signature, Body, Then.AddSeconds(secondsLater), TimeSpan.FromMinutes(5)));

    [Theory]
    [InlineData("", "nothing")]
    [InlineData("+1614265330", "a sign")]
    [InlineData(" 1614265330", "a blank")]
    [InlineData("now", "a word")]
    public void A_malformed_timestamp_is_refused(string timestamp, string because) =>
        Assert.False(WebhookSignature.IsValid(Secret, Id, timestamp, Signature, Body, Then, TimeSpan.FromMinutes(5)), because);

    [Theory]
    [InlineData("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "without its beginning")]
    [InlineData("WHSEC_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "with another")]
    [InlineData("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS", "not base64")]
    [InlineData("whsec_\uD800", "no text")]
    public void A_malformed_secret_is_an_error_without_the_secret_in_it(string secret, string because)
    {
        string message = Assert.Throws<FormatException>(() => WebhookSignature.Sign([secret], Id, Timestamp, Body)).Message;

        Assert.True(message == "The secret of a webhook is malformed.", because);
    }

    [Fact]
    public void A_secret_is_written_as_its_key_in_base64() =>
        Assert.Equal("whsec_AQID", WebhookSignature.WriteSecret([1, 2, 3]));

    private static bool IsValid(string secret, string signatures) =>
        WebhookSignature.IsValid(secret, Id, $"{Timestamp}", signatures, Body, Then, TimeSpan.FromMinutes(5));
}
