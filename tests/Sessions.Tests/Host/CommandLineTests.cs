using Sessions.Host;

namespace Sessions.Tests.Host;

public sealed class CommandLineTests
{
    [Fact]
    public void Without_arguments_everything_is_in_one_process_with_the_configured_port()
    {
        Assert.Equal(new Invocation.Supervise(), Parse(""));
    }

    [Theory]
    [InlineData("one of the two makes a cluster: silos", "--silos 3", 3, 1)]
    [InlineData("one of the two makes a cluster: gateways", "--gateways 2", 1, 2)]
    [InlineData("both", "--silos 3 --gateways 2", 3, 2)]
    [InlineData("with an equals sign", "--silos=3 --gateways=2", 3, 2)]
    [InlineData("the last one counts", "--silos 2 --silos 32", 32, 1)]
    public void A_cluster_has_at_least_one_of_each(string why, string arguments, int silos, int gateways)
    {
        var asked = Assert.IsType<Invocation.Supervise>(Parse(arguments));

        Assert.True((silos, gateways) == (asked.Silos, asked.Gateways), why);
    }

    [Fact]
    public void Every_option_is_taken()
    {
        var asked = Assert.IsType<Invocation.Supervise>(CommandLine.Parse(
            ["--port", "65535", "--data", "a dir", "--postgres", "Host=db;Database=sessions", "--ready-file", "r.json", "--demo"]));

        Assert.Equal(
            new Invocation.Supervise { Port = 65535, Data = "a dir", Postgres = "Host=db;Database=sessions", ReadyFile = "r.json", Demo = true },
            asked);
    }

    [Fact]
    public void Which_build_it_is_and_whether_something_answers_can_be_asked()
    {
        Assert.IsType<Invocation.Version>(Parse("--version"));
        Assert.Equal(new Invocation.Health(new Uri("http://127.0.0.1:9464/health/ready")), Parse("health http://127.0.0.1:9464/health/ready"));
    }

    [Theory]
    [InlineData("--help")]
    [InlineData("-h")]
    [InlineData("--port 1 --help")]
    public void Help_is_for_everybody_who_asks(string arguments) => Assert.IsType<Invocation.Help>(Parse(arguments));

    [Theory]
    [InlineData("unknown", "--bogus", "'--bogus'")]
    [InlineData("a word", "hello", "'hello'")]
    [InlineData("no number", "--port abc", "'abc'")]
    [InlineData("just under", "--port 0", "'0'")]
    [InlineData("just over", "--port 65536", "'65536'")]
    [InlineData("negative", "--silos -1", "'-1'")]
    [InlineData("none", "--gateways 0", "'0'")]
    [InlineData("too many", "--silos 33", "'33'")]
    [InlineData("no value", "--data", "--data needs a value")]
    [InlineData("no value after the sign", "--data=", "--data needs a value")]
    [InlineData("no room for the gateways", "--port 65535 --gateways 2", "no room")]
    [InlineData("no connection string", "--postgres nonsense", "--postgres")]
    [InlineData("no database", "--postgres Host=db", "Database")]
    [InlineData("an argument to a role", "silo --port", "'--port'")]
    [InlineData("no address", "health here", "health takes")]
    [InlineData("two addresses", "health http://a/ http://b/", "health takes")]
    public void What_makes_no_sense_is_said_in_one_line(string why, string arguments, string mentions)
    {
        var wrong = Assert.IsType<Invocation.Wrong>(Parse(arguments));

        Assert.True(wrong.Reason.Contains(mentions, StringComparison.Ordinal), $"{why}: {wrong.Reason}");
        Assert.DoesNotContain('\n', wrong.Reason);
    }

    [Theory]
    [InlineData("silo", false)]
    [InlineData("gateway --supervised", true)]
    [InlineData("migrate", false)]
    public void A_role_is_named_first(string arguments, bool supervised)
    {
        Assert.Equal(new Invocation.Role(arguments.Split(' ')[0], supervised), Parse(arguments));
    }

    private static Invocation Parse(string arguments) =>
        CommandLine.Parse(arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries));
}
