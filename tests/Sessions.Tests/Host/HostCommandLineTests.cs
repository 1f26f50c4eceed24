using Sessions.Host;

namespace Sessions.Tests.Host;

public sealed class HostCommandLineTests
{
    [Theory]
    [InlineData("silo", false)]
    [InlineData("gateway --supervised", true)]
    [InlineData("migrate", false)]
    public void The_first_argument_is_the_role(string arguments, bool supervised)
    {
        Assert.Equal(new Invocation.Role(arguments.Split(' ')[0], supervised), Parse(arguments));
    }

    [Fact]
    public void The_version_and_the_health_probe_have_arguments_of_their_own()
    {
        Assert.IsType<Invocation.Version>(Parse("--version"));
        Assert.IsType<Invocation.Help>(Parse("--help"));
        Assert.Equal(new Invocation.Health(new Uri("http://127.0.0.1:9464/health/ready")), Parse("health http://127.0.0.1:9464/health/ready"));
    }

    [Theory]
    [InlineData("no role", "", "a role is missing")]
    [InlineData("unknown", "bogus", "'bogus'")]
    [InlineData("an argument to a role", "silo --port", "'--port'")]
    [InlineData("no address", "health here", "health needs")]
    [InlineData("two addresses", "health http://a/ http://b/", "health needs")]
    public void Invalid_arguments_give_an_error_of_one_line(string why, string arguments, string mentions)
    {
        var wrong = Assert.IsType<Invocation.Wrong>(Parse(arguments));

        Assert.True(wrong.Reason.Contains(mentions, StringComparison.Ordinal), $"{why}: {wrong.Reason}");
        Assert.DoesNotContain('\n', wrong.Reason);
    }

    private static Invocation Parse(string arguments) =>
        CommandLine.Parse(arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries));
}
