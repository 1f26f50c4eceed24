using System.Text.RegularExpressions;
using Sessions.Host;
using Sessions.Run;
using Sessions.Run.Projects;

namespace Sessions.Tests.Run;

public sealed partial class CommandLineTests
{
    [Fact]
    public void Without_arguments_everything_runs_in_one_process_on_the_configured_port()
    {
        Assert.Equal(new SuperviseInvocation(), Parse(""));
    }

    [Theory]
    [InlineData("one of the two makes a cluster: silos", "--silos 3", 3, 1)]
    [InlineData("one of the two makes a cluster: gateways", "--gateways 2", 1, 2)]
    [InlineData("both", "--silos 3 --gateways 2", 3, 2)]
    [InlineData("with an equals sign", "--silos=3 --gateways=2", 3, 2)]
    [InlineData("the last one counts", "--silos 2 --silos 32", 32, 1)]
    [InlineData("the last one counts, with an equals sign", "--gateways=4 --silos 2 --gateways=2", 2, 2)]
    public void A_cluster_has_at_least_one_silo_and_one_gateway(string why, string arguments, int silos, int gateways)
    {
        var asked = Assert.IsType<SuperviseInvocation>(Parse(arguments));

        Assert.True((silos, gateways) == (asked.Silos, asked.Gateways), why);
    }

    [Fact]
    public void Every_option_is_read()
    {
        var asked = Assert.IsType<SuperviseInvocation>(RunCommandLine.Parse(
            ["--port", "65535", "--data", "a dir", "--postgres", "Host=db;Database=sessions", "--ready-file", "r.json", "--demo"]));

        Assert.Equal(
            new SuperviseInvocation { Port = 65535, Data = "a dir", Postgres = "Host=db;Database=sessions", ReadyFile = "r.json", Demo = true },
            asked);
    }

    [Theory]
    [InlineData("the name of the command", "--data import", "import")]
    [InlineData("an at sign, which is no response file", "--data @data", "@data")]
    [InlineData("an equals sign", "--data=a=b", "a=b")]
    [InlineData("a hyphen", "--data -d", "-d")]
    [InlineData("the script's own first", "--data /repo/.data --data here", "here")]
    public void A_value_may_have_any_form(string why, string arguments, string data)
    {
        var asked = Assert.IsType<SuperviseInvocation>(Parse(arguments));

        Assert.True(data == asked.Data, $"{why}: {asked.Data}");
    }

    [Theory]
    [InlineData("--version")]
    [InlineData("--data /repo/.data --version")]
    public void The_version_option_prints_the_version(string arguments) => Assert.IsType<Invocation.Version>(Parse(arguments));

    [Theory]
    [InlineData("--help")]
    [InlineData("-h")]
    [InlineData("--port 1 --help")]
    [InlineData("--port abc --help")]
    [InlineData("import --help")]
    [InlineData("import --data d FILE -h")]
    public void Every_spelling_of_the_help_option_prints_the_help(string arguments) => Assert.IsType<Invocation.Help>(Parse(arguments));

    [Fact]
    public void The_help_lists_the_options_that_are_taken_and_no_others()
    {
        IEnumerable<string> taken = new[] { RunCommandLine.Supervise, RunCommandLine.Import, RunCommandLine.Projects }
            .SelectMany(command => command.Options)
            .Select(option => option.Name);

        Assert.Equal(
            taken.Distinct().Order(),
            ListedOption().Matches(RunCommandLine.HelpText).Select(listed => listed.Groups[1].Value).Distinct().Order());
    }

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
    [InlineData("no value for a number", "--port", "--port needs a value")]
    [InlineData("an option in the place of a value", "--ready-file --demo", "--ready-file needs a value")]
    [InlineData("no value the second time", "--data a --data", "--data needs a value")]
    [InlineData("no value the first time", "--data --data a", "--data needs a value")]
    [InlineData("a number with a sign", "--port +80", "'+80'")]
    [InlineData("a number that is none, twice", "--port 80 --port x", "'x'")]
    [InlineData("a fraction", "--silos 1.5", "'1.5'")]
    [InlineData("a number that is too long", "--port 99999999999", "'99999999999'")]
    [InlineData("a value for a flag", "--demo=yes", "'yes'")]
    [InlineData("two values", "--port 1 2", "'2'")]
    [InlineData("in another case", "--Port 1", "'--Port'")]
    [InlineData("several faults, of which one is said", "--bogus --port abc --silos 0", "'--bogus'")]
    [InlineData("import, which stands first", "--port 1 import f", "'import'")]
    [InlineData("import without a file", "import", "needs a file")]
    [InlineData("import of two files", "import a b", "'a' and 'b'")]
    [InlineData("an option that import lacks", "import --port 1 f", "'--port'")]
    [InlineData("an import's option without its value", "import f --site", "--site needs a value")]
    [InlineData("no project's id", "import f --project Not-One", "--project: 'Not-One'")]
    [InlineData("projects without an action", "projects", "needs an action: list, make, rename, archive, restore, delete")]
    [InlineData("an unknown action of projects", "projects remove shop", "no action 'remove'")]
    [InlineData("an action in another case", "projects List", "no action 'List'")]
    [InlineData("a number that stands for an action", "projects 1 shop", "no action '1'")]
    [InlineData("projects list with a project", "projects list shop", "takes nothing, not 'shop'")]
    [InlineData("projects make without an id", "projects make", "needs the id of a project")]
    [InlineData("projects make with two ids", "projects make a b", "not also 'b'")]
    [InlineData("projects make with no id", "projects make Shop", "'Shop' is not a valid project id")]
    [InlineData("projects rename without a name", "projects rename shop", "needs a project and its new name")]
    [InlineData("projects rename of no id", "projects rename Shop x", "'Shop' is not a valid project id")]
    [InlineData("a name where there is none", "projects archive shop --name x", "--name is for projects make")]
    [InlineData("a confirmation where there is none", "projects archive shop --confirm shop", "--confirm is for projects delete")]
    [InlineData("a deletion without a confirmation", "projects delete shop", "add --confirm shop")]
    [InlineData("a deletion with another confirmation", "projects delete shop --confirm shop2", "names 'shop2'")]
    [InlineData("an option that projects lacks", "projects list --port 1", "'--port'")]
    [InlineData("projects, which stands first", "--port 1 projects list", "'projects'")]
    [InlineData("no room for the gateways", "--port 65535 --gateways 2", "too high for 2 gateways")]
    [InlineData("no connection string", "--postgres nonsense", "--postgres")]
    [InlineData("no database", "--postgres Host=db", "Database")]
    [InlineData("a role, which is the other program's", "silo", "'silo'")]
    public void Invalid_arguments_give_an_error_of_one_line(string why, string arguments, string mentions)
    {
        var wrong = Assert.IsType<Invocation.Wrong>(Parse(arguments));

        Assert.True(wrong.Reason.Contains(mentions, StringComparison.Ordinal), $"{why}: {wrong.Reason}");
        Assert.DoesNotContain('\n', wrong.Reason);
    }

    [Theory]
    [InlineData("projects list --data d", ProjectsAction.List, "", null)]
    [InlineData("projects --data d make shop", ProjectsAction.Make, "shop", null)]
    [InlineData("projects make --data=d shop --name Shop", ProjectsAction.Make, "shop", "Shop")]
    [InlineData("projects --data x rename shop -Shop- --data d", ProjectsAction.Rename, "shop", "-Shop-")]
    [InlineData("projects archive shop --data d", ProjectsAction.Archive, "shop", null)]
    [InlineData("projects restore shop --data d", ProjectsAction.Restore, "shop", null)]
    [InlineData("projects delete shop --confirm shop --data d", ProjectsAction.Delete, "shop", null)]
    public void The_actions_on_projects_are_read(string arguments, object action, string id, string? name) =>
        Assert.Equal(
            new ProjectsInvocation { Action = (ProjectsAction)action, Id = id, Name = name, Data = "d" },
            Assert.IsType<ProjectsInvocation>(Parse(arguments)));

    [Fact]
    public void A_blank_value_is_none()
    {
        Assert.Equal(new Invocation.Wrong("--data needs a value"), RunCommandLine.Parse(["--data", " "]));
        Assert.Equal(new Invocation.Wrong("--postgres needs a value"), RunCommandLine.Parse(["--postgres", ""]));
        Assert.Equal(new Invocation.Wrong("--project needs a value"), RunCommandLine.Parse(["import", "f", "--project", ""]));
    }

    [GeneratedRegex("^  (--[a-z-]+)", RegexOptions.Multiline)]
    private static partial Regex ListedOption();

    private static Invocation Parse(string arguments) =>
        RunCommandLine.Parse(arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries));
}
