"""The command as it was before files were read by templates.

    python -m benchmarks.parsed_load load_product_stocks --file rests.xml

Every slice is parsed by libxml2 in a second thread, as any still is that fits no template; all else is as in manage.py.
"""

from unittest.mock import patch

import manage
from stock_loader.commerceml.documents.templated import TemplatedReader

if __name__ == "__main__":
    with patch.object(TemplatedReader, "read", return_value=None):
        manage.main()
